"""An answer while it is made: owned by the process, read by any number of pages."""
