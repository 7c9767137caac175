// Filled by the next landing.
