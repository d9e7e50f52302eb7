"""What the benchmark's rows stand on: processes, loads, and the table."""
