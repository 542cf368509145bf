"""Simulated SMA and ESAs: one small state model each, behind real SSH and real CPQ listeners."""

from bot.lab.appliances.faults import FAULTS
from bot.lab.appliances.options import LabSettings
from bot.lab.appliances.site import Lab, LabUnavailable

__all__ = ["FAULTS", "Lab", "LabSettings", "LabUnavailable"]
