"""What people do: commands, buttons, forms and the home tab."""
