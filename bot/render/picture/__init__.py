"""Pictures: laid out as shapes, and drawn as SVG or PNG."""
