"""What a run found: kept as JSON, held against the targets, shown as a table and as a chart."""
