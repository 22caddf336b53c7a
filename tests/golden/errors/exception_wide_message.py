raise ValueError("日本語のメッセージ 🐍")
