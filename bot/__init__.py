"""pvo: finds out why mail is stuck between Cisco ESAs and their central PVO quarantine."""
