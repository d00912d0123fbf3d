"""The French registers of certifications and skills."""
