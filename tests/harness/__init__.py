"""What tests of the running product are made of: real replicas, a provisioned installation, clients, the auditor."""
