"""What the conformance suite drives: see tests/conformance/README.md."""
