"""What `accord diff` finds: a catalogue of pairs, and the parts it is made of."""
