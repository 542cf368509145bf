"""How the app speaks in Slack: its sentences are those of `knowledge/texts`, its signs stand here."""

from bot.knowledge.voice import DEFAULT, Told, Voice, tell
from bot.model.languages import languages

__all__ = ["DEFAULT", "EMOJI", "Told", "Voice", "languages", "tell"]

EMOJI = {
    "healthy": ":large_green_circle:",
    "degraded": ":large_yellow_circle:",
    "broken": ":red_circle:",
    "unknown": ":white_circle:",
    "queued": ":hourglass_flowing_sand:",
    "running": ":mag:",
    "lost": ":warning:",
    "refused": ":warning:",
    "ok": ":white_check_mark:",
    "failed": ":x:",
    "open": ":grey_question:",
    "requested": ":raised_hand:",
    "rejected": ":no_entry:",
}
