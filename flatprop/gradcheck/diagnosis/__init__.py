"""What is wrong with a gradient, named: it is compared with what common mistakes would give."""
