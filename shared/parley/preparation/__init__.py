"""What people need before a meeting."""
