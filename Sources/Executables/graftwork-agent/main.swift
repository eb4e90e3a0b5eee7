import FoundationEssentials
print(Data("not built yet".utf8).count)
