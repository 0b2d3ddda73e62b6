"""The science: fusion, its training and its evaluation."""
