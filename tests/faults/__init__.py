"""What must hold under every crash, duplicate, delay and lie of the network."""
