"""Door to people: commands, actions and views in, cards and threads out."""
