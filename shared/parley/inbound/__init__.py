"""An email's way: intake, the pipeline (read it first), and the routes that an email can take."""
