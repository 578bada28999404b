"""The command line of Accord beside other tools: whole processes in turn."""
