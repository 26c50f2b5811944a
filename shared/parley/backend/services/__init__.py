"""What the API does, free of HTTP: services speak in bodies, versions and problems."""
