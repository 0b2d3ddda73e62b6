"""WearIF: focus weight maps by a multi-scale network and learned guided refinement."""
