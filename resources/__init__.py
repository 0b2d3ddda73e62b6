"""Shipped data: trained weights, microscope profiles, icons."""
