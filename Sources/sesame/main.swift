import Commands

Sesame.enterWorkerIfAsked()
await Sesame.runAndExit()
