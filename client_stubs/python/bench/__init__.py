"""The stub beside the bare generated client: see tests/conformance/README.md."""
