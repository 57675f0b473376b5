"""A lifelike month at a desk: planned from a seed, played through the desk's verbs, the clock an argument."""
