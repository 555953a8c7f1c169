"""`omna up`: everything Omna needs in one process tree."""
