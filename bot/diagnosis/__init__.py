"""Runs the checks, keeps the evidence, redacts it, finds the causes and makes the report."""
