"""The only place where concrete clients meet the core: one module for each Lambda function."""
