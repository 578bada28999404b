"""The Authors Service: owns the authors and their links to books."""
