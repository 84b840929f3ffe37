import Analytics
import Lake
import Testing

@testable import Commands

@Suite("What is derived of a day's events")
struct RollupRecipeTests {
    @Test("the lake gives each recipe as much before and behind the day as it looks at")
    func reach() {
        #expect(RollupRecipe.reach >= FactsRollup.reach)
        #expect(RollupRecipe.lookback >= RepeatsRollup.lookback)
    }

    @Test("what is made of another's rows stands behind it")
    func order() {
        var made: Set<String> = []
        for recipe in RollupRecipe.all {
            if case .rows(let other, _, _) = recipe.source { #expect(made.contains(other.name)) }
            made.insert(recipe.name)
        }
    }
}
