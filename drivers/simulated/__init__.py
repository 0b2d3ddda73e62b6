"""The simulated microscope: a slide, its optics, a camera, and stage firmware on a socket."""
