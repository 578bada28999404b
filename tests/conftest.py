"""What every test may ask for."""

pytest_plugins = ["accord.testing.plugin", "tests.stack"]
