"""What several tests share: a clean visit as contract events, and an installation to send it to."""
