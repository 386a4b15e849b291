"""Identity: people, households and organisations; accounts, sessions, clients; roles and grants by area."""
