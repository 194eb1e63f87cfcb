"""The patients of the clinic when well; clinic.toml says what makes them ill."""
