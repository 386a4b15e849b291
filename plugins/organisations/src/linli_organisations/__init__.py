"""The register of social organisations 社会组织: registration, filing, officers, gradings, figures."""
