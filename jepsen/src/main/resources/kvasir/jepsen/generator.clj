(ns kvasir.jepsen.generator
  "What is to be done next, as values: a generator is asked for an operation in a context and gives it together with
  the generator that comes after. nil gives nothing; a map gives itself, once; a sequence all of its generators, one
  after the other; a function what the generator it returns gives, called again each time.

  A context: {:time ns, :threads [all], :free #{threads without an operation}, :workers {thread process}}."
  (:refer-clojure :exclude [update repeat cycle delay])
  (:require [kvasir.jepsen.random :as random]))

(set! *warn-on-reflection* true)

(defprotocol Generator
  (op [gen test ctx]
    "nil if there is nothing more; [:pending gen] if there is nothing yet; [operation next-gen] otherwise.")
  (update [gen test ctx event]
    "The generator after an operation was invoked or completed."))

(defn- some-free-process [ctx]
  (when-let [free (seq (:free ctx))]
    (get (:workers ctx) (random/pick (vec free)))))

(defn process->thread [ctx process]
  (some (fn [[thread p]] (when (= p process) thread)) (:workers ctx)))

(defn- filled [op ctx]
  (if-let [process (:process op (some-free-process ctx))]
    (if (contains? (:free ctx) (process->thread ctx process))
      (assoc op :process process :time (:time op (:time ctx)) :type (:type op :invoke))
      :pending)
    :pending))

(extend-protocol Generator
  nil
  (op [_ _ _] nil)
  (update [_ _ _ _] nil)

  clojure.lang.IPersistentMap
  (op [this _ ctx]
    (let [op (filled this ctx)]
      (if (= :pending op) [:pending this] [op nil])))
  (update [this _ _ _] this)

  clojure.lang.Fn
  (op [this test ctx]
    (when-let [given (if (:needs-context (meta this)) (this test ctx) (this))]
      (if-let [[op gen] (op given test ctx)]
        (cond (= :pending op) [:pending this]
              (nil? gen) [op this]
              :else [op [gen this]])
        (recur this test ctx))))
  (update [this _ _ _] this)

  clojure.lang.Sequential
  (op [this test ctx]
    (loop [gens (seq this)]
      (when gens
        (if-let [[op gen] (op (first gens) test ctx)]
          (let [more (next gens)]
            [op (cond (and gen more) (cons gen more)
                      gen gen
                      :else more)])
          (recur (next gens))))))
  (update [this test ctx event]
    (when (seq this)
      (cons (update (first this) test ctx event) (rest this)))))

;; --- Which threads ---

(defn- restricted [ctx thread?]
  (assoc ctx
         :free (into #{} (filter thread?) (:free ctx))
         :threads (filterv thread? (:threads ctx))
         :workers (into {} (filter (comp thread? key)) (:workers ctx))))

(defrecord OnThreads [thread? gen]
  Generator
  (op [_ test ctx]
    (when-let [[op gen] (op gen test (restricted ctx thread?))]
      [op (->OnThreads thread? gen)]))
  (update [this test ctx event]
    (if (thread? (process->thread ctx (:process event)))
      (->OnThreads thread? (update gen test (restricted ctx thread?) event))
      this)))

(defn- sooner [[op-a :as a] [op-b :as b]]
  (cond (nil? a) b
        (nil? b) a
        (= :pending op-a) b
        (= :pending op-b) a
        (<= (long (:time op-a)) (long (:time op-b))) a
        :else b))

(defrecord Any [gens]
  Generator
  (op [_ test ctx]
    (let [[op i gen] (reduce sooner nil
                             (for [i (random/shuffled (range (count gens)))
                                   :let [[op gen :as given] (op (nth gens i) test ctx)] :when given]
                               [op i gen]))]
      (when op
        [op (->Any (if (= :pending op) gens (assoc gens i gen)))])))
  (update [_ test ctx event]
    (->Any (mapv #(update % test ctx event) gens))))

(defn any "Whatever one of these gives first." [& gens] (->Any (vec gens)))

(defn on-threads [thread? gen] (->OnThreads thread? gen))

(defn clients
  "gen for clients alone; with another one for the nemesis."
  ([gen] (on-threads integer? gen))
  ([gen nemesis] (any (clients gen) (on-threads #{:nemesis} nemesis))))

(defn nemesis
  ([gen] (on-threads #{:nemesis} gen))
  ([gen clients] (any (on-threads #{:nemesis} gen) (on-threads integer? clients))))

;; --- How often and for how long ---

(defrecord Limit [left gen]
  Generator
  (op [_ test ctx]
    (when (pos? (long left))
      (when-let [[op gen] (op gen test ctx)]
        [op (->Limit (if (= :pending op) left (dec (long left))) gen)])))
  (update [_ test ctx event] (->Limit left (update gen test ctx event))))

(defn limit [n gen] (->Limit n gen))

(defn once [gen] (limit 1 gen))

(defrecord Repeat [gen]
  Generator
  (op [this test ctx]
    (when-let [[op _] (op gen test ctx)] [op this]))
  (update [_ test ctx event] (->Repeat (update gen test ctx event))))

(defn repeat "What gen gives first, for ever." [gen] (->Repeat gen))

(defrecord TimeLimit [nanos end gen]
  Generator
  (op [_ test ctx]
    (let [end (or end (+ (long (:time ctx)) (long nanos)))]
      (when (< (long (:time ctx)) (long end))
        (when-let [[op gen] (op gen test ctx)]
          (when (or (= :pending op) (< (long (:time op)) (long end)))
            [op (->TimeLimit nanos end gen)])))))
  (update [_ test ctx event] (->TimeLimit nanos end (update gen test ctx event))))

(defn time-limit [seconds gen] (->TimeLimit (long (* 1e9 (double seconds))) nil gen))

(defrecord Stagger [nanos next-time gen]
  Generator
  (op [this test ctx]
    (when-let [[op gen] (op gen test ctx)]
      (let [now (:time ctx)
            next-time (or next-time now)]
        (if (= :pending op)
          [:pending this]
          (let [time (max (long (:time op)) (long next-time))]
            [(assoc op :time time) (->Stagger nanos (+ time (long (* (random/unit) (double nanos)))) gen)])))))
  (update [_ test ctx event] (->Stagger nanos next-time (update gen test ctx event))))

(defn stagger
  "Operations some seconds apart on average, by chance."
  [seconds gen]
  (->Stagger (* 2e9 (double seconds)) nil gen))

(defrecord Mix [gens]
  Generator
  (op [_ test ctx]
    (loop [left (random/shuffled (range (count gens))) pending? false]
      (if-let [[i & more] (seq left)]
        (let [[op gen :as given] (op (nth gens i) test ctx)]
          (cond (nil? given) (recur more pending?)
                (= :pending op) (recur more true)
                :else [op (->Mix (assoc gens i gen))]))
        (when pending? [:pending (->Mix gens)]))))
  (update [this _ _ _] this))

(defn mix "Each time one of these, by chance." [& gens] (->Mix (vec gens)))

(defrecord FlipFlop [gens i]
  Generator
  (op [_ test ctx]
    (when-let [[op gen] (op (nth gens i) test ctx)]
      [op (if (= :pending op) (->FlipFlop gens i) (->FlipFlop (assoc gens i gen) (mod (inc (long i)) (count gens))))]))
  (update [this _ _ _] this))

(defn flip-flop "One after the other, again and again." [a b] (->FlipFlop [a b] 0))

;; --- One after the other ---

(defrecord Synchronize [gen]
  Generator
  (op [this test ctx]
    (if (= (count (:free ctx)) (count (:threads ctx)))
      (op gen test ctx)
      [:pending this]))
  (update [_ test ctx event] (->Synchronize (update gen test ctx event))))

(defn synchronize "gen, once every thread is free." [gen] (->Synchronize gen))

(defn phases [& gens] (mapv synchronize gens))

(defrecord EachThread [fresh of]
  Generator
  (op [_ test ctx]
    (let [given (for [thread (:threads ctx)
                      :let [[op gen :as got] (op (get of thread fresh) test (restricted ctx #{thread}))] :when got]
                  [op thread gen])
          [op thread gen] (reduce sooner nil given)]
      (when op
        [op (->EachThread fresh (if (= :pending op) of (assoc of thread gen)))])))
  (update [_ test ctx event]
    (let [thread (process->thread ctx (:process event))]
      (->EachThread fresh (assoc of thread (update (get of thread fresh) test (restricted ctx #{thread}) event))))))

(defn each-thread "gen for each thread of its own." [gen] (->EachThread gen {}))

(defrecord UntilOk [gen done? process]
  Generator
  (op [this test ctx]
    (when-not done?
      (when-let [[op gen] (op gen test ctx)]
        [op (assoc this :gen gen)])))
  (update [this test ctx event]
    (assoc this :gen (update gen test ctx event) :done? (or done? (= :ok (:type event))))))

(defn until-ok "gen until one operation of it is :ok." [gen] (->UntilOk gen false nil))

(defn sleep "Keeps a thread busy for some seconds." [seconds] {:type :sleep :value seconds})

(defn log "Writes a line into the log." [text] {:type :log :value text})
