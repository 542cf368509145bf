"""Simulated SMA and ESAs: one small state model each, behind real SSH and real CPQ listeners."""
