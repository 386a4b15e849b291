"""Lists in and out: imports of kinds that the kernel and plugins declare, exports, their files and templates."""
