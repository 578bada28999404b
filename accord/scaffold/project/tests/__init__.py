"""Tests of the Sample Service."""
