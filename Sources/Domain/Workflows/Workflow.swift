package import Vocabulary

/// A workflow as read from YAML: jobs and how they depend on each other.
package struct Workflow: Hashable, Sendable, Codable {
    package var name: String
    package var description: String
    package var inputs: [Input]
    /// Agents the workflow defines or wishes for, by the name jobs use.
    package var agents: [AgentSlot]
    package var budget: Budget
    /// In the order of the file.
    package var jobs: [Job]
    /// What it states of the set-up of its worktrees; nil: nothing.
    package var worktree: StatedSetup?

    package init(
        name: String, description: String, inputs: [Input], agents: [AgentSlot], budget: Budget, jobs: [Job],
        worktree: StatedSetup? = nil
    ) {
        self.name = name
        self.description = description
        self.inputs = inputs
        self.agents = agents
        self.budget = budget
        self.jobs = jobs
        self.worktree = worktree
    }

    package struct Input: Hashable, Sendable, Codable {
        package var name: String
        package var isRequired: Bool
        package var description: String
        package init(name: String, isRequired: Bool, description: String) {
            self.name = name
            self.isRequired = isRequired
            self.description = description
        }
    }

    /// An agent a workflow names. Everything left out is filled from the user's configuration.
    package struct AgentSlot: Hashable, Sendable, Codable {
        package enum VendorWish: Hashable, Sendable, Codable {
            case any
            /// Any configured agent of a vendor that did not write the change.
            case other
            case exactly(Vendor)
        }
        package var name: AgentName
        package var harness: HarnessKind?
        package var model: String?
        package var vendor: VendorWish
        package init(
            name: AgentName, harness: HarnessKind? = nil, model: String? = nil, vendor: VendorWish = .any
        ) {
            self.name = name
            self.harness = harness
            self.model = model
            self.vendor = vendor
        }
    }

    package struct Budget: Hashable, Sendable, Codable {
        /// Spend of the whole run stops here; nil: no limit.
        package var stopAt: Money?
        package init(stopAt: Money? = nil) { self.stopAt = stopAt }
    }

    package struct Job: Hashable, Sendable, Codable {
        package var name: String
        package var needs: [String]
        package var verb: Verb
        package init(name: String, needs: [String], verb: Verb) {
            self.name = name
            self.needs = needs
            self.verb = verb
        }
    }

    package enum Verb: Hashable, Sendable, Codable {
        case plan(PlanJob)
        case author(AuthorJob)
        case land(LandJob)
    }

    package struct PlanJob: Hashable, Sendable, Codable {
        package var agent: AgentName
        /// Prompt template by name (`Templates/prompts/<name>.md`).
        package var template: String
        package var maxTasks: Int
        /// A person approves the plan when it has more tasks than this; nil: never asked.
        package var approvalAboveTasks: Int?
        package init(agent: AgentName, template: String, maxTasks: Int, approvalAboveTasks: Int?) {
            self.agent = agent
            self.template = template
            self.maxTasks = maxTasks
            self.approvalAboveTasks = approvalAboveTasks
        }
    }

    package struct AuthorJob: Hashable, Sendable, Codable {
        /// Tasks are given to these agents in turn.
        package var agents: [AgentName]
        package var template: String
        package var maxParallel: Int
        package var timeoutMinutes: Int
        /// How often a session that crashed or hung is started again for the same attempt.
        package var retryMax: Int
        /// Checks the workflow states itself; empty: those of the configuration or detected ones.
        package var checks: [CheckDefinition]
        package var review: Review
        /// How often a failed check, a blocking finding or a conflict sends the task back to its author.
        package var sendBackMax: Int
        package init(
            agents: [AgentName], template: String, maxParallel: Int, timeoutMinutes: Int, retryMax: Int,
            checks: [CheckDefinition], review: Review, sendBackMax: Int
        ) {
            self.agents = agents
            self.template = template
            self.maxParallel = maxParallel
            self.timeoutMinutes = timeoutMinutes
            self.retryMax = retryMax
            self.checks = checks
            self.review = review
            self.sendBackMax = sendBackMax
        }
    }

    package struct Review: Hashable, Sendable, Codable {
        package var agent: AgentName
        package var template: String
        package var rounds: Int
        package init(agent: AgentName, template: String, rounds: Int) {
            self.agent = agent
            self.template = template
            self.rounds = rounds
        }
    }

    package struct LandJob: Hashable, Sendable, Codable {
        /// The target branch; nil: the branch the run was started on.
        package var into: String?
        package init(into: String?) { self.into = into }
    }
}
