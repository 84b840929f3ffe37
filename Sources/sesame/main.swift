import Commands

await Sesame.runAndExit()
