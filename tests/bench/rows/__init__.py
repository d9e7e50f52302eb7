"""The benchmark's rows: each function takes a Bench and returns report.Rows."""
