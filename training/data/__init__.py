"""Pictures with marked heads: published layouts, one common format, augmentation."""
