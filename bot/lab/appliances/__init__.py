"""Simulated SMA and ESAs: one small state model each, behind real SSH and real CPQ listeners."""

from bot.lab.appliances.faults import FAULTS
from bot.lab.appliances.options import Door, LabSettings, Manners, Shape
from bot.lab.appliances.site import Lab, LabUnavailable
from bot.lab.appliances.traits import apply_traits

__all__ = ["FAULTS", "Door", "Lab", "LabSettings", "LabUnavailable", "Manners", "Shape", "apply_traits"]
