"""The services: one application for any of the three roles, wired from settings."""
