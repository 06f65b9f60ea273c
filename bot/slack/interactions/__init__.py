"""What a gesture means: each noun's listeners translate it, call one use case and answer."""
