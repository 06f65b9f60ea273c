"""What Warroom answers over HTTP: health, metrics, and Slack's requests where it is called that way."""
